import { crashSuite } from "../support/crash-suite.ts";

crashSuite(Number.POSITIVE_INFINITY);
