import { Fault } from "../contracts/fault.ts";
import { type Language, language, languages } from "../contracts/language.ts";

/** Languages with commas between, or none. @throws Fault use.invalid */
export function languageList(text: string): Language[] {
  return text
    .split(",")
    .filter((one) => one !== "")
    .map((one) => {
      const known = language.safeParse(one);
      if (known.success) return known.data;
      throw new Fault("use.invalid", `${text}: give languages out of ${languages.join(", ")}, with commas between`);
    });
}
