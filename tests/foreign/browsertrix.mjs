// Writes a WARC as Browsertrix Crawler does: by npm's warcio, with its fields, page infos and revisits.
// Arguments: the file to write, a JSON file [[url, path of the body], …], the folder of the warcio package.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [target, list, modules] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(path.join(modules, "dist", file)));
const { WARCRecord } = await load("index.js");
const { WARCSerializer } = await load("node/index.js");
const out = fs.openSync(target, "w");
const write = async (record) => fs.writeSync(out, await WARCSerializer.serialize(record, { gzip: true }));
const date = (number) => new Date(Date.UTC(2026, 4, 8, 1, 2, number)).toISOString();

await write(
  WARCRecord.createWARCInfo(
    { filename: path.basename(target), warcVersion: "WARC/1.1" },
    { software: "Browsertrix-Crawler 1.5.0 (with warcio.js 2.4.2)", format: "WARC File Format 1.1" },
  ),
);
const seen = new Map();
for (const [number, [url, file]] of JSON.parse(fs.readFileSync(list, "utf8")).entries()) {
  const body = fs.readFileSync(file);
  const page = { "WARC-Page-ID": `page-${number}`, "WARC-Resource-Type": "document" };
  const headers = { "Content-Type": "text/html; charset=utf-8", "x-orig-content-length": String(body.length) };
  const earlier = seen.get(String(body));
  const options = {
    url,
    date: date(number),
    type: earlier ? "revisit" : "response",
    warcVersion: "WARC/1.1",
    warcHeaders: { ...page, "WARC-JSON-Metadata": JSON.stringify({ ipType: "Public", cert: { issuer: "x" } }) },
    httpHeaders: headers,
    statusline: "HTTP/1.1 200 OK",
  };
  if (earlier) {
    Object.assign(options, { refersToUrl: earlier.url, refersToDate: earlier.date });
    options.warcHeaders["WARC-Payload-Digest"] = earlier.digest;
  }
  const response = WARCRecord.create(options, (async function* () { if (!earlier) yield body; })());
  await write(response);
  seen.set(String(body), { url, date: date(number), digest: response.warcPayloadDigest });
  const request = {
    url,
    date: date(number),
    type: "request",
    warcVersion: "WARC/1.1",
    warcHeaders: { ...page, "WARC-Concurrent-To": response.warcHeader("WARC-Record-ID") },
    httpHeaders: { "User-Agent": "Mozilla/5.0" },
    statusline: "GET / HTTP/1.1",
  };
  await write(WARCRecord.create(request, (async function* () {})()));
  const info = JSON.stringify({ pageid: `page-${number}`, urls: { [url]: { status: 200 } } });
  const pageinfo = {
    url: `urn:pageinfo:${url}`,
    date: date(number),
    type: "resource",
    warcVersion: "WARC/1.1",
    warcHeaders: { ...page, "WARC-Resource-Type": "pageinfo", "Content-Type": "application/json" },
  };
  await write(WARCRecord.create(pageinfo, (async function* () { yield new TextEncoder().encode(info); })()));
  const text = { ...pageinfo, url: `urn:text:${url}`, warcHeaders: { "Content-Type": "text/plain" } };
  await write(WARCRecord.create(text, (async function* () { yield new TextEncoder().encode("words"); })()));
}
fs.closeSync(out);
