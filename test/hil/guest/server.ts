import { spawn } from "node:child_process";
import { createReadStream, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { type GuestReport, guestRequest, portPath } from "../contract.ts";

/** Runs what the host asks for, as root, each in a shell of its own: the bench's hand inside the machine. */
const port = openSync(portPath, "r+");
const say = (report: GuestReport): void => {
  writeSync(port, `${JSON.stringify(report)}\n`);
};

function run(line: string): void {
  const { id, command } = guestRequest.parse(JSON.parse(line));
  const child = spawn("/bin/bash", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    said.stdout += chunk.toString("utf8");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said.stderr += chunk.toString("utf8");
  });
  child.on("close", (code, signal) => say({ id, code: code ?? -1, signal, ...said }));
}

createInterface({ input: createReadStream("", { fd: port, autoClose: false }) }).on("line", run);
say({ ready: true });
