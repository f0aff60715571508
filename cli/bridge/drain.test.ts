import { once } from "node:events";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import t from "tap";
import { peerTls } from "../../bridge/keys.ts";
import { addOperatorRoutes, createService, servicePart } from "../../bridge/service.ts";
import { systemClock } from "../../runtime/clock.ts";
import { openHrAlone } from "./hr-alone.ts";
import { until } from "./until.ts";

t.test("answers the requests it has taken before it stops, and takes none after", async (t) => {
  const hr = await openHrAlone(systemClock.wall());
  t.teardown(() => hr.stop());
  const { metrics, log } = hr;
  const service = createService({ tls: peerTls(hr.keys), certificates: "none", metrics, log });
  let taken = (): void => undefined;
  let release = (): void => undefined;
  const isTaken = new Promise<void>((resolve) => {
    taken = resolve;
  });
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ready = async (): Promise<Record<string, boolean>> => {
    taken();
    await isReleased;
    return { store: false };
  };
  addOperatorRoutes(service, { metrics, ready });
  const part = servicePart("api", service, { host: "127.0.0.1", port: 0 });
  await part.start(new AbortController().signal);
  const port = Number(new URL(part.url()).port);
  const ask = (path: string) =>
    request({ host: "127.0.0.1", servername: "localhost", port, path, ca: hr.keys.authorityPem, agent: false });
  const asked = ask("/readyz").end();
  const answered = once(asked, "response");
  await isTaken;
  const stopped = part.stop();
  const refused = (): Promise<boolean> =>
    once(ask("/healthz").end(), "response").then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === "ECONNREFUSED",
    );
  await until("the port is closed", refused);
  release();
  const [answer] = await answered;
  t.equal(answer.statusCode, 503);
  t.same(JSON.parse(await text(answer)), { ready: false, parts: { store: false } });
  await stopped;
});
