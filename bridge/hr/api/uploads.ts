import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { opaqueId } from "../../../contracts/ids.ts";
import { largestOrderBytes } from "../../../contracts/order.ts";
import { parse } from "../../../runtime/parse.ts";
import { templateOf } from "../upload/read.ts";
import { uploadOrders } from "../upload/upload.ts";
import { setVacancy, vacanciesOf } from "../vacancies.ts";
import type { Api } from "./api.ts";
import { callerOf } from "./door.ts";
import { templateQuery, uploadQuery } from "./shapes.ts";

const vacancyPath = z.object({ vacancyId: opaqueId });

const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const largestUpload = { bodyLimit: 5 * 1024 * 1024 };

export async function addUploadRoutes(service: FastifyInstance, api: Api): Promise<void> {
  // Only these routes take files.
  await service.register(async (scoped) => {
    scoped.addContentTypeParser(
      ["text/csv", xlsx, "application/octet-stream"],
      { parseAs: "buffer" },
      (_, body, done) => done(null, body),
    );
    scoped.post("/v1/orders/upload", largestUpload, async (request, reply) => {
      const caller = callerOf(request);
      const query = parse(uploadQuery, request.query, { what: "the query", otherwise: "use.invalid" });
      const bytes = parse(z.instanceof(Buffer), request.body, {
        what: `the upload: send the file itself as text/csv or ${xlsx}`,
        otherwise: "use.invalid",
      });
      const use = { caller, issue: api.issue };
      const uploaded = await uploadOrders(bytes, { ...query, dryRun: query.dryRun === "true" }, use);
      api.wake();
      return reply.code(uploaded.new > 0 && !uploaded.dryRun ? 201 : 200).send(uploaded);
    });
  });
  service.get("/v1/orders/template", async (request, reply) => {
    const { format, language } = parse(templateQuery, request.query, { what: "the query", otherwise: "use.invalid" });
    reply.header("content-disposition", `attachment; filename="orders.${format}"`);
    return reply.type(format === "csv" ? "text/csv; charset=utf-8" : xlsx).send(await templateOf(format, language));
  });
  addVacancyRoutes(service, api);
}

function addVacancyRoutes(service: FastifyInstance, { issue }: Api): void {
  const { store } = issue;
  service.put("/v1/vacancies/:vacancyId", { bodyLimit: largestOrderBytes }, async (request) => {
    const caller = callerOf(request);
    const { vacancyId } = parse(vacancyPath, request.params, { what: "the address", otherwise: "use.invalid" });
    await setVacancy(vacancyId, request.body, { caller, ...issue });
    return { vacancyId };
  });
  service.get("/v1/vacancies", async (request) => {
    const caller = callerOf(request);
    const vacancies = [...(await vacanciesOf(store, caller))].map(([vacancyId, one]) => ({
      ...{ vacancyId, role: one.role, branch: one.branch, deviceId: one.deviceId ?? null },
      ...{
        language: one.language,
        validDays: one.validDays,
        rubric: { id: one.rubric.id, version: one.rubric.version },
      },
    }));
    return { vacancies };
  });
}
