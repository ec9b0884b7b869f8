// The databases where npm test has no root for them yet: here it is made.
import "../e2e/databases.test.ts";
