// The mock that the tests of this folder start: by the command LOOKALIKE, or the one on the path.

import {fileURLToPath} from "node:url";

export const command = process.env.LOOKALIKE ?? "lookalike";
export const document = fileURLToPath(new URL("openapi.yaml", import.meta.url));
