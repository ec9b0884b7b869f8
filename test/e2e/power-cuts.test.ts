import { powerCutSuite } from "../support/power-cuts.ts";

powerCutSuite({ cuts: 5, rounds: 4 });
