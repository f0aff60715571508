import type { z } from "zod";
import { orderRequest } from "../../../contracts/order.ts";
import { vacancy } from "../../../contracts/vacancy.ts";
import type { Scope } from "../access.ts";
import { accountView } from "../accounts.ts";
import { judgementBody } from "../judgements.ts";
import { openingHours } from "../opening.ts";
import { shortlistQuery } from "../shortlists.ts";
import { signInRequest } from "../sign-in.ts";
import * as shapes from "./shapes.ts";

/** `anyone`: before signing in · `known`: whoever shows a token or a sign-in · else the scope that is needed. */
export type Access = Scope | "anyone" | "known";

/** `answer` is absent where nothing is answered (204, 302). */
export type Declared = {
  access: Access;
  summary: string;
  query?: z.ZodType;
  body?: z.ZodType;
  status?: 200 | 201 | 204 | 302;
  answer?: z.ZodType;
};

/** Every route of the API and who may use it. One that is not here does not start: see door.ts. */
export const declared: Readonly<Record<string, Declared>> = {
  "GET /healthz": { access: "anyone", summary: "The process answers", answer: shapes.health },
  "GET /readyz": { access: "anyone", summary: "Its parts work; 503 while one does not", answer: shapes.readiness },
  "GET /metrics": { access: "anyone", summary: "For Prometheus, as text; names no person" },
  "POST /v1/orders": {
    access: "orders:write",
    summary: "Order an interview; the same revision again is the same order (200)",
    body: orderRequest,
    status: 201,
    answer: shapes.orderSummary,
  },
  "GET /v1/orders": { access: "orders:read", summary: "The newest 500 orders", answer: shapes.orderList },
  "GET /v1/orders/:orderId": { access: "orders:read", summary: "An order's state", answer: shapes.orderView },
  "POST /v1/orders/:orderId/cancel": {
    access: "orders:write",
    summary: "Take an order back",
    answer: shapes.orderSummary,
  },
  "GET /v1/orders/:orderId/check-in": {
    access: "orders:write",
    summary: "Make a code that opens the interview, as JSON or as a picture; each is noted in the audit",
    query: shapes.checkInQuery,
    answer: shapes.checkInCode,
  },
  "POST /v1/orders/upload": {
    access: "orders:write",
    summary: "Order from a file, sent itself as text/csv or XLSX: every row or none; errors name their cells",
    query: shapes.uploadQuery,
    status: 201,
    answer: shapes.uploadedOrders,
  },
  "GET /v1/orders/template": {
    access: "orders:write",
    summary: "The file to fill in, with what each column takes",
    query: shapes.templateQuery,
  },
  "PUT /v1/vacancies/:vacancyId": {
    access: "orders:write",
    summary: "Keep what the orders of a vacancy share",
    body: vacancy,
    answer: shapes.vacancySet,
  },
  "GET /v1/vacancies": {
    access: "orders:read",
    summary: "Vacancies that can be ordered for",
    answer: shapes.vacancyList,
  },
  "PUT /v1/devices/:deviceId/hours": {
    access: "operate",
    summary: "Say when a device takes candidates, and how long a slot is",
    body: openingHours,
    answer: shapes.hoursSet,
  },
  "GET /v1/devices/:deviceId/slots": {
    access: "orders:read",
    summary: "Slots that are still to come, of 31 days at most",
    query: shapes.slotQuery,
    answer: shapes.slotList,
  },
  "PUT /v1/orders/:orderId/booking": {
    access: "orders:write",
    summary: "Book a slot or move to another (200); a code made before no longer opens the interview",
    body: shapes.bookingBody,
    status: 201,
    answer: shapes.bookingView,
  },
  "GET /v1/orders/:orderId/booking": {
    access: "orders:read",
    summary: "The slot of an order",
    answer: shapes.bookingView,
  },
  "DELETE /v1/orders/:orderId/booking": {
    access: "orders:write",
    summary: "Give the slot back; the order stays",
    answer: shapes.bookingCancelled,
  },
  "GET /v1/help": {
    access: "operate",
    summary: "Candidates' calls for help",
    query: shapes.helpQuery,
    answer: shapes.helpList,
  },
  "POST /v1/help/:requestId/take": {
    access: "operate",
    summary: "Take a call: the alerts end",
    body: shapes.takeHelpBody,
    answer: shapes.helpView,
  },
  "POST /v1/help/:requestId/close": {
    access: "operate",
    summary: "Say how a call ended",
    body: shapes.closeHelpBody,
    answer: shapes.helpView,
  },
  "GET /v1/sources": {
    access: "operate",
    summary: "HR systems that applications are pulled from, and what could not be ordered",
    answer: shapes.sourceList,
  },
  "POST /v1/sources/:name/pull": { access: "operate", summary: "Pull at once", answer: shapes.pulled },
  "GET /v1/scorecards/:sessionId": {
    access: "scorecards:read",
    summary: "The newest revision of a session's scorecard, as its device signed it",
    answer: shapes.scorecardView,
  },
  "GET /v1/scorecards/:sessionId/judgements": {
    access: "scorecards:read",
    summary: "What the machine said, what people said and why, and what holds, for the whole and for each competency",
    answer: shapes.judgementList,
  },
  "POST /v1/scorecards/:sessionId/judgements": {
    access: "scorecards:judge",
    summary: "A person's rating (1 to 5), or an override (0 to 1) with its reason; the machine's score stays",
    body: judgementBody,
    status: 201,
    answer: shapes.judgementMade,
  },
  "POST /v1/candidates/:candidateRef/delete": {
    access: "candidates:delete",
    summary:
      "Erase a candidate everywhere: a signed receipt says what, and who could not be reached; again is the same",
    answer: shapes.deleted,
  },
  "GET /v1/rubrics/:rubricId/shortlist": {
    access: "scorecards:read",
    summary: "A proposal of who stands first, with what it was computed from; ties share a rank, thresholds only flag",
    query: shortlistQuery,
    answer: shapes.shortlistView,
  },
  "GET /v1/analytics": {
    access: "scorecards:read",
    summary: "How totals lie in each rubric, with n and 95 % intervals; cells of few people are withheld; also as CSV",
    query: shapes.analyticsQuery,
    answer: shapes.analyticsView,
  },
  "GET /v1/parked": { access: "operate", summary: "Events that could not be read", answer: shapes.parkedList },
  "POST /v1/parked/:eventId/replay": {
    access: "operate",
    summary: "Read a parked event once more",
    answer: shapes.replayedEvent,
  },
  "GET /v1/deliveries": {
    access: "operate",
    summary: "Deliveries in a state, by default the dead ones",
    query: shapes.deliveryQuery,
    answer: shapes.deliveryList,
  },
  "POST /v1/deliveries/:deliveryId/replay": {
    access: "operate",
    summary: "Try a dead delivery again",
    answer: shapes.replayedDelivery,
  },
  "GET /v1/audit": {
    access: "audit:read",
    summary: "The centre's journal, hash-chained; `verified` speaks of the tenant's whole chain",
    query: shapes.auditQuery,
    answer: shapes.auditList,
  },
  "POST /v1/sign-in": {
    access: "anyone",
    summary: "Sign a person in: sets a cookie; `csrf` goes into x-candor-csrf of each change",
    body: signInRequest,
    answer: shapes.signedIn,
  },
  "GET /v1/sign-in/:tenantId/begin": {
    access: "anyone",
    summary: "Send the browser to the tenant's identity provider (OpenID Connect, code flow with PKCE)",
    status: 302,
  },
  "GET /v1/sign-in/:tenantId/return": {
    access: "anyone",
    summary: "Where the provider sends the browser back: sets the cookie of the sign-in, goes on to /",
    status: 302,
  },
  "POST /v1/sign-out": { access: "known", summary: "End this sign-in", status: 204 },
  "GET /v1/me": { access: "known", summary: "Who asks, and what they may do", answer: shapes.whoAsks },
  "GET /v1/accounts": { access: "accounts:manage", summary: "Who may sign in", answer: shapes.accountList },
  "POST /v1/accounts": {
    access: "accounts:manage",
    summary: "Make an account within the caller's branch",
    body: shapes.newAccountBody,
    status: 201,
    answer: accountView,
  },
  "POST /v1/accounts/:accountId/disable": {
    access: "accounts:manage",
    summary: "End what an account may do, and each of its sign-ins",
    answer: accountView,
  },
};
