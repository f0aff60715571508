import { Fault } from "../../contracts/fault.ts";
import type { RegisteredAdapter } from "./adapter.ts";
import { calendar } from "./calendar.ts";
import { fileDrop } from "./file-drop.ts";
import { sftp } from "./sftp.ts";
import { successFactors } from "./successfactors.ts";
import { webhook } from "./webhook.ts";
import { wecom } from "./wecom.ts";
import { yonyou } from "./yonyou.ts";

/** Every way to deliver results. A new one is one file and one line here. */
export const adapters: readonly RegisteredAdapter[] = [
  webhook,
  fileDrop,
  sftp,
  successFactors,
  wecom,
  yonyou,
  calendar,
];

/** @throws Fault use.invalid */
export function adapterNamed(name: string): RegisteredAdapter {
  const found = adapters.find((adapter) => adapter.name === name);
  if (found === undefined)
    throw new Fault(
      "use.invalid",
      `there is no adapter ${JSON.stringify(name)}: choose ${adapters.map((one) => one.name).join(", ")}`,
    );
  return found;
}
