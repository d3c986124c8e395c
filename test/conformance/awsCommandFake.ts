/** A replacement for the `aws` command in scripts: options in kebab case, blobs as Base64, JSON output, 254 for a refusal. */
const alone = new Set(["endpoint-url", "output", "cli-binary-format"])
const lists = new Set(["tag-keys"])
const json = new Set(["tags", "encryption-context", "source-encryption-context", "destination-encryption-context"])
const numbers = new Set(["pending-window-in-days", "number-of-bytes", "rotation-period-in-days", "valid-to"])

const pascal = (name: string): string =>
  name
    .split("-")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("")

const valueOf = (name: string, words: ReadonlyArray<string>): unknown => {
  const [word = ""] = words
  if (lists.has(name)) return words
  if (json.has(name)) return JSON.parse(word)
  return numbers.has(name) ? Number(word) : word
}

const [, , service = "", operation = "", ...rest] = process.argv
const given = new Map<string, Array<string>>()
for (const word of rest) {
  if (word.startsWith("--")) given.set(word.slice(2), [])
  else [...given.values()].at(-1)?.push(word)
}
const endpoint = given.get("endpoint-url")?.[0] ?? ""
if (service !== "kms" || endpoint === "" || given.get("cli-binary-format")?.[0] !== "base64") {
  console.error("aws: an argument is missing or wrong")
  process.exit(252)
}
const request = Object.fromEntries(
  [...given].flatMap(([name, words]) => (alone.has(name) ? [] : [[pascal(name), valueOf(name, words)]]))
)
const reply = await fetch(endpoint, {
  method: "POST",
  headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `TrentService.${pascal(operation)}` },
  body: JSON.stringify(request)
})
const text = await reply.text()
if (reply.ok) console.log(text)
else {
  const { __type: code = "" } = JSON.parse(text) as { readonly __type?: string }
  console.error(`An error occurred (${code.split("#").at(-1) ?? ""}) when calling the ${pascal(operation)} operation`)
}
process.exit(reply.ok ? 0 : 254)
