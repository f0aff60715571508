import { z } from "zod";

/** Refuses any value, at the path of its own key, so that the fault names the key. */
const unknownKey = z.never({ error: "is not a field of this: check its spelling" }).optional();

/** What the branch of a union that came furthest found wrong, instead of zod's "Invalid input". */
function nearestMiss({ errors }: { errors?: readonly (readonly z.core.$ZodIssue[])[] }): string | undefined {
  const miss = errors?.flat().find(({ path }) => path.length > 0);
  return miss === undefined ? undefined : `${miss.path.join(".")}: ${miss.message}`;
}

/**
 * The same schema, with its checks, that refuses unknown keys in every object within it. For uploads, where a misspelt key
 * would silently lose what it says; what machines of different releases tell each other stays tolerant. Looks into
 * objects, arrays, records, unions, optional and defaulted values, the shapes that uploads are made of.
 */
export function strictly<T extends z.core.$ZodType>(schema: T): T {
  const cloned = (changes: object): T => z.core.clone(schema, { ...schema._zod.def, ...changes });
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object": {
      const fields = Object.entries(def.shape).map(([name, field]) => [name, strictly(field)]);
      return cloned({ shape: Object.fromEntries(fields), catchall: unknownKey });
    }
    case "array":
      return cloned({ element: strictly(def.element) });
    case "record":
      return cloned({ valueType: strictly(def.valueType) });
    case "union":
      return cloned({ options: def.options.map((one) => strictly(one)), error: nearestMiss });
    case "optional":
    case "nullable":
    case "default":
      return cloned({ innerType: strictly(def.innerType) });
    default:
      return schema;
  }
}
