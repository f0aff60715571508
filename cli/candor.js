#!/usr/bin/env node
import { existsSync } from "node:fs";

// ONNX Runtime would report to its maker over the network: nothing leaves this machine but what Candor itself sends.
process.env.ORT_DISABLE_TELEMETRY = "1";

const program = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(program)) await import(program.href);
else {
  process.stderr.write("candor: this checkout is not built yet: run `make build` (or `make setup` on a new machine)\n");
  process.exitCode = 1;
}
