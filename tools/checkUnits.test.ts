import { spawnSync } from "node:child_process";
import t from "tap";
import { checkUnits, unitComplaints } from "./checkUnits.ts";

const systemd = spawnSync("systemd-analyze", ["--version"]).error === undefined;

t.test(
  "a unit with a key or a value that systemd does not know is named with its line",
  {
    skip: systemd ? false : "there is no systemd here",
  },
  async (t) => {
    const unit = (lines: string): string =>
      `[Unit]\nDescription=Candor\n[Service]\nExecStart=/usr/bin/candor agent\n${lines}\n`;
    const root = t.testdir({
      systemd: {
        "candor-good.service": unit("Restart=always"),
        "candor-bad.service": unit("RestartSecs=2\nRestart=perhaps"),
        "notes.txt": "no unit",
      },
    });
    const found = checkUnits(root);
    t.match(found, [
      { path: "systemd/candor-bad.service", line: 5, complaint: /RestartSecs/ },
      { path: "systemd/candor-bad.service", line: 6, complaint: /perhaps/ },
    ]);
    t.equal(found.length, 2);
  },
);

t.test("what is said of other units, and that the program is not installed, is no complaint", async (t) => {
  const output = [
    "candor-agent.service: Command /usr/bin/candor is not executable: No such file or directory",
    "other.service: Command /usr/bin/other is not executable: No such file or directory",
    "/lib/systemd/system/other.service:3: Unknown key name 'Odd' in section 'Unit', ignoring.",
    "candor-agent.service: Found ordering cycle on candor-hr.service/start",
    "",
  ].join("\n");
  t.same(unitComplaints(output, ["candor-agent.service"]), [
    { path: "systemd/candor-agent.service", line: 1, complaint: "Found ordering cycle on candor-hr.service/start" },
  ]);
});
