import { expect, test } from "bun:test";
import { dockerManifest } from "./image-id.ts";
import { mediaTypes } from "./media-types.ts";

test("dockerManifest() of an archive has the digest that Docker 28.5 with the containerd store gives it", () => {
  // The id that this Docker printed for an archive with these two layers.
  const bytes = dockerManifest({ digest: "sha256:0a9657cc8aefc47491d3892a3b80c2af61c883f71002c8718ff4b35d75e3ec85", size: 448 }, [
    { mediaType: mediaTypes.dockerLayer, digest: "sha256:df8934ad55c6a8e08aedf5a5ce6ccfc980872e075db9cbea9dc5d3b2972f009f", size: 3973120 },
    { mediaType: mediaTypes.dockerLayer, digest: "sha256:38c3e7dbf7de6897581ed0995f7837475f75dc6af7c6ca7a58019adbfaf54452", size: 10240 },
  ]);
  expect(new Bun.CryptoHasher("sha256").update(bytes).digest("hex")).toBe(
    "602a615d61e82cceedbf9a92e5d5b155a78cd0957bd718fca35b7b1a2501c2c3",
  );
});
