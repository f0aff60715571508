import { posix } from "node:path";
import { importsOf, type Source, type Violation } from "./sources.ts";

/** A registry, where its plug-ins stand, and by what a file there shows that it is one. */
type Registry = { registry: string; folder: RegExp; mark: RegExp };

const registries: readonly Registry[] = [
  { registry: "drivers/registry.ts", folder: /^drivers\/\w+$/, mark: /=\s*defineDriver\(/ },
  { registry: "boards/registry.ts", folder: /^boards$/, mark: /\bsatisfies Board\b/ },
  { registry: "inference/signals/registry.ts", folder: /^inference\/signals$/, mark: /=\s*defineSignal\(/ },
  { registry: "agent/questions/registry.ts", folder: /^agent\/questions$/, mark: /=\s*defineQuestionType\(/ },
  { registry: "inference/judge/registry.ts", folder: /^inference\/judge$/, mark: /=\s*defineJudgeEngine\(/ },
  { registry: "bridge/adapters/registry.ts", folder: /^bridge\/adapters$/, mark: /=\s*defineAdapter\(/ },
  { registry: "cli/registry.ts", folder: /^cli$/, mark: /\bexport function \w+Command\(\): Command\b/ },
];

const beside = /(^|\/)(registry|conformance|port)\.ts$|\.test\.ts$/;

/**
 * A plug-in that its registry does not import, and a registry that is missing. `found` of a registry without any
 * plug-in would mean that the mark has changed: that is a violation as well, or the check would pass for nothing.
 */
export function checkRegistries(sources: readonly Source[]): Violation[] {
  return registries.flatMap(({ registry, folder, mark }) => {
    const list = sources.find(({ path }) => path === registry);
    if (list === undefined) return [{ path: registry, line: 1, complaint: "this registry is missing" }];
    const listed = new Set(importsOf(list).map(({ target }) => target));
    const plugIns = sources.filter(
      ({ path, text }) => folder.test(posix.dirname(path)) && !beside.test(path) && mark.test(text),
    );
    if (plugIns.length === 0)
      return [{ path: registry, line: 1, complaint: `no file in its folder looks like a plug-in (${mark.source})` }];
    return plugIns
      .filter(({ path }) => !listed.has(path))
      .map(({ path }) => ({ path, line: 1, complaint: `is not listed in ${registry}: add its line` }));
  });
}
