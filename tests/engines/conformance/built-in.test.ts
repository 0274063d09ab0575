import { BUILT_IN_ENGINES } from "../../../src/engines/registry.ts";
import { engineConformance } from "./suite.ts";

for (const [name, factory] of Object.entries(BUILT_IN_ENGINES)) engineConformance(name, factory);
