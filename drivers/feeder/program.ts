import { asFault, Fault } from "../../contracts/fault.ts";
import { run } from "../../runtime/subprocess.ts";

/** The first of these programs that is installed, by its answer to `--version`. @throws Fault process.missing, which names the package */
export async function installed(programs: readonly string[], debianPackage: string): Promise<string> {
  let last: unknown;
  for (const program of programs)
    try {
      await run(program, ["--version"]);
      return program;
    } catch (error) {
      // One that is there and will not tell its version may feed all the same.
      if (asFault(error).code !== "process.missing") return program;
      last = error;
    }
  const names = programs.join(" or ");
  throw new Fault("process.missing", `${names} is not here: install the Debian package ${debianPackage}`, {
    cause: last,
  });
}
