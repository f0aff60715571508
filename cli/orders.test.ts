import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { projectRoot } from "../runtime/paths.ts";
import { run } from "../runtime/subprocess.ts";
import { orderFor } from "../test/device/order.ts";
import { openApiAlone } from "./bridge/api-alone.ts";
import { openHrAlone } from "./bridge/hr-alone.ts";

const hr = await openHrAlone(Date.parse("2026-11-27T08:00:00Z"));
const api = await openApiAlone(hr);
t.teardown(async () => {
  await api.stop();
  await hr.stop();
});

t.test("uploads a filled template from the command line and says which cells are wrong", async (t) => {
  const folder = t.testdir({});
  const [authority, tokenFile, file] = ["authority.pem", "token", "orders.csv"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(authority, hr.keys.authorityPem);
  await writeFile(tokenFile, await api.token("/", "orders:write"));
  const url = await api.listen();
  const candor = (...words: string[]): Promise<Buffer> =>
    run(process.execPath, [join(projectRoot, "cli", "candor.js"), "orders", ...words]);
  const upload = (...words: string[]): Promise<Buffer> =>
    candor(
      "upload",
      file,
      "--url",
      url,
      "--authority",
      authority,
      "--token-file",
      tokenFile,
      "--language",
      "en",
      ...words,
    );
  await candor("template", "--out", file, "--language", "en");
  await t.rejects(upload(), /CSV!D2: the vacancy "backend-engineer" is not known here/);
  const { rubric, policy } = orderFor({ deviceId: "dev-1" });
  const vacancy = { role: { title: "Backend engineer" }, rubric, policy };
  await api.ask("PUT", "/v1/vacancies/backend-engineer", { body: vacancy });
  t.match((await upload("--dry-run")).toString(), "Checked, nothing was taken: 1 new, 0 changed, 0 as before");
  t.match(JSON.parse((await upload("--json")).toString()), { new: 1 });
  t.match((await upload()).toString(), "0 new, 0 changed, 1 as before");
});
