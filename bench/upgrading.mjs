// Upgrades the documents of a list by two npm packages. Reads and writes JSON lines: {"file", "data"} becomes
// {"file", "scalar", "swagger2openapi"}; what a package refuses is null.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const require = createRequire(pathToFileURL(process.argv[2] + '/'))
const { upgrade } = await import(pathToFileURL(require.resolve('@scalar/openapi-upgrader')))
const { convertObj } = require('swagger2openapi')

for await (const line of createInterface({ input: process.stdin })) {
  const { file, data } = JSON.parse(line)
  const copy = () => JSON.parse(line).data
  let scalar = null
  let converted = null
  try { scalar = upgrade(copy(), '3.1') } catch { /* refused */ }
  if (data.swagger) try { converted = (await convertObj(copy(), { warnOnly: true })).openapi } catch { /* refused */ }
  console.log(JSON.stringify({ file, scalar, swagger2openapi: converted }))
}
