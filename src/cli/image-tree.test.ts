import { expect, test } from "bun:test";
import { treeText } from "./image-tree.ts";

const id = (letter: string): string => `sha256:${letter.repeat(64)}`;
const platform = (letter: string, architecture: string, content: number, containers: string[] | null = null): object => ({
  ID: id(letter),
  Kind: "image",
  Size: { Content: content, Total: content * 10 },
  ImageData: { Platform: { os: "linux", architecture }, Containers: containers },
});

// The columns are those of Docker 28.5.2.
test("treeText() shows names, what is here of each platform, and what is used", () => {
  const image = (letter: string, created: number, tags: string[], manifests: object[]): object => ({
    Id: id(letter),
    Created: created,
    RepoTags: tags,
    Size: 17557,
    Manifests: manifests,
  });
  const attestation = { ID: id("f"), Kind: "attestation", Size: { Content: 5, Total: 5 } };
  const images = [
    image("a", 1, [], [platform("a", "arm64", 1173)]),
    image("b", 2, ["my/app:2", "my/app:1"], [platform("c", "amd64", 1173, ["x"]), attestation, platform("d", "s390x", 0)]),
  ];
  expect(treeText(images as Parameters<typeof treeText>[0])).toBe(
    [
      "                                               Info ->  U In Use ",
      "",
      "IMAGE            ID             DISK USAGE   CONTENT SIZE   EXTRA",
      "my/app:1",
      "my/app:2         bbbbbbbbbbbb       17.6kB         1.17kB    U   ",
      "├─ linux/amd64   cccccccccccc       11.7kB         1.17kB    U   ",
      "└─ linux/s390x   dddddddddddd           0B             0B        ",
      "",
      "<untagged>       aaaaaaaaaaaa       17.6kB         1.17kB        ",
      "└─ linux/arm64   aaaaaaaaaaaa       11.7kB         1.17kB        ",
      "",
      "",
    ].join("\n"),
  );
});
