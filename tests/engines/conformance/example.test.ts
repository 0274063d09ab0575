import { nicedEngine } from "../../../examples/niced-engine.ts";
import { engineConformance } from "./suite.ts";

// The engine that docs/write-an-engine.md shows is a complete one.
engineConformance("niced", nicedEngine);
