const manners = [
  "able", "agile", "amber", "ample", "bold", "brave", "brisk", "bright", "calm", "candid", "clear", "clever", "cosmic", "crisp", "daring",
  "deft", "eager", "early", "easy", "fair", "fleet", "fond", "frank", "fresh", "gentle", "glad", "golden", "grand", "happy", "hardy", "honest",
  "humble", "jolly", "keen", "kind", "lively", "loyal", "lucid", "lucky", "mellow", "merry", "mighty", "modest", "neat", "nimble", "noble",
  "patient", "plain", "polite", "proud", "quick", "quiet", "rapid", "ready", "robust", "serene", "sharp", "silent", "smart", "solid", "steady",
  "sturdy", "sunny", "swift", "tidy", "trusty", "upbeat", "vivid", "warm", "wise", "witty", "young", "zesty",
];

const cranes = [
  "anchor", "ballast", "barge", "beacon", "berth", "boom", "bosun", "bridge", "buoy", "cable", "capstan", "cargo", "cleat", "clipper", "compass",
  "coral", "cutter", "davit", "deck", "derrick", "dinghy", "dock", "ferry", "fjord", "freighter", "galley", "gangway", "girder", "gull", "halyard",
  "harbor", "hawser", "helm", "hoist", "hull", "jetty", "keel", "ketch", "lagoon", "lantern", "ledger", "lighter", "lock", "mast", "mole", "mooring",
  "oar", "packet", "pier", "pilot", "pulley", "quay", "raft", "rigger", "rudder", "sail", "schooner", "sextant", "skiff", "sling", "slip", "sloop",
  "spar", "spreader", "stern", "tackle", "tender", "tide", "tiller", "trawler", "tug", "wharf", "winch", "yard",
];

/** A free name of two words, as `docker run` gives to a container that has none; digits follow when words run out. */
export function generateName(isFree: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${pick(manners)}_${pick(cranes)}${attempt < 6 ? "" : Math.floor(Math.random() * 10 ** (attempt - 5))}`;
    if (isFree(name)) return name;
  }
}

function pick(words: readonly string[]): string {
  return words[Math.floor(Math.random() * words.length)] ?? "crate";
}
