import { BUILT_IN_ENGINES } from "../../../src/engines/registry.ts";
import { engineConformance } from "./suite.ts";

// What pixi needs to be there is in ../pixi/.
const { pixi: _, ...others } = BUILT_IN_ENGINES;
for (const [name, factory] of Object.entries(others)) engineConformance(name, factory);
