import { rename, writeFile } from "node:fs/promises";
import { systemClock as clock } from "../../../runtime/clock.ts";
import { Page } from "../../device/page.ts";
import { viewPath } from "../contract.ts";

/** Keeps what the candidate's page shows now in one file, for the host to read; "null" while there is no page. */
const page = new Page("/run/candor");
let last = "";
for (;;) {
  const shown = JSON.stringify(page.shown ?? null);
  if (shown !== last) {
    // Whole or not at all: the host reads at any moment.
    await writeFile(`${viewPath}.next`, shown);
    await rename(`${viewPath}.next`, viewPath);
    last = shown;
  }
  await clock.sleep(100);
}
