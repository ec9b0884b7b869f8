// Puts one file into a registry, from inside an enclosure: HOST REPOSITORY blob|manifest PATH
import { readFileSync } from "node:fs";
import { sha256 } from "./archive.ts";

const [host = "", repository = "", kind = "", path = ""] = process.argv.slice(2);
const bytes = readFileSync(path);

async function put(url: string | URL, type: string): Promise<void> {
  const reply = await fetch(url, { method: "PUT", body: bytes, headers: { "Content-Type": type } });
  if (reply.status !== 201) throw new Error(`${reply.status} ${await reply.text()}`);
}

if (kind === "manifest") {
  const { mediaType } = JSON.parse(bytes.toString()) as { readonly mediaType: string };
  await put(`http://${host}/v2/${repository}/manifests/v1`, mediaType);
} else {
  const begun = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const url = new URL(begun.headers.get("location") ?? "", `http://${host}`);
  url.searchParams.set("digest", sha256(bytes));
  await put(url, "application/octet-stream");
}
