// publicodes, asked one order a line on standard input, one line of JSON back (see bench/rules/worker.py).
// Usage: node publicodes.mjs DATA.json [--first]    with PEERS, the folder that holds node_modules, in the environment.
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { performance } from "node:perf_hooks"
import { createInterface } from "node:readline"

const installed = createRequire(process.env.PEERS + "/")
const { default: Engine } = installed("publicodes")
const manifest = JSON.parse(readFileSync(process.env.PEERS + "/node_modules/publicodes/package.json", "utf8"))
const data = JSON.parse(readFileSync(process.argv[2], "utf8"))
const kinds = Object.fromEntries(data.facts.map((fact) => [fact.name, fact.kind]))
const plain = (name) => name.replaceAll("_", " ") // a name of publicodes has spaces and no underscore
const logger = { log() {}, warn() {}, error() {} }

function condition(node) {
  if (node.all) return { "toutes ces conditions": node.all.map(condition) }
  if (node.any) return { "une de ces conditions": node.any.map(condition) }
  if (node.not) return { "=": [condition(node.not), "non"] }
  const fact = plain(node.fact)
  if (node.op === "is") return `${fact} = ${node.value ? "oui" : "non"}`
  if (node.op === "in") return { "une de ces conditions": node.value.map((value) => `${fact} = '${value}'`) }
  return `${fact} ${node.op} ${node.value}`
}

function question(fact) {
  if (fact.kind === "choice") return { question: "?", "une possibilité": fact.values.map((value) => `'${value}'`) }
  return { question: "?", type: fact.kind === "bool" ? "booléen" : "nombre" }
}

function said(name, value) {
  if (kinds[name] === "bool") return value ? "oui" : "non"
  return kinds[name] === "choice" ? `'${value}'` : value
}

const situation = (facts) => Object.fromEntries(Object.entries(facts).map(([n, v]) => [plain(n), said(n, v)]))
const text = Object.fromEntries([
  ...data.facts.map((fact) => [plain(fact.name), question(fact)]),
  ...Object.entries(data.rules).map(([name, rule]) => [plain(name), { valeur: condition(rule) }]),
])
const build = () => new Engine(text, { logger })
const targets = Object.keys(data.rules).map(plain)
let engine = build()

function all(ready) {
  engine.setSituation(ready)
  return targets.map((target) => engine.evaluate(target).nodeValue)
}

const lap = (act) => {
  const start = performance.now()
  act()
  return performance.now() - start
}

// The order of the package « forms »: the missing variables of the sum of the targets, the highest score first.
const next = (wanted) => computeNextFields(engine, { targets: wanted, pages: [] })[0]
let computeNextFields = null

const orders = {
  version: () => `${manifest.version}, node ${process.versions.node}`,
  load: () => lap(build),
  answers() {
    const tally = {}
    for (const one of data.cases) {
      const seen = (tally[one.known_share] ??= { same: 0, other: 0, error: 0 })
      const found = all(situation(one.facts))
      Object.values(one.expected).forEach((wanted, i) => seen[(found[i] ?? null) === wanted ? "same" : "other"]++)
    }
    return tally
  },
  people: ({ people }) => people.map(situation).map((ready) => lap(() => all(ready))),
  crowd: ({ people }) => lap(() => people.forEach((facts) => all(situation(facts)))),
  question: ({ people }) =>
    people.map((facts) => {
      engine.setSituation(situation(facts))
      return lap(() => next(targets))
    }),
  peak: () => peak(),
  // How many questions until the rules of the group are all decided, for each group and each person.
  questions() {
    const counts = []
    for (const group of data.groups) {
      const wanted = group.map(plain)
      for (const { facts } of data.cases.filter((one) => one.known_share === 1)) {
        const complete = situation(facts)
        const told = {}
        for (;;) {
          engine.setSituation(told)
          if (wanted.every((target) => engine.evaluate(target).nodeValue !== undefined)) break
          const asked = next(wanted)
          if (asked === undefined) break
          told[asked] = complete[asked]
        }
        counts.push(Object.keys(told).length)
      }
    }
    return counts
  },
}

// The most memory this process ever held (Linux), in MiB.
const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1024

if (process.argv[3] === "--first") {
  const decided = all(situation(data.cases[0].facts)).filter((value) => value !== undefined).length
  console.log(JSON.stringify({ decided, peak_mib: peak() }))
} else {
  computeNextFields = installed("@publicodes/forms").computeNextFields
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line)
    console.log(JSON.stringify({ value: orders[order.do](order) }))
  }
}
