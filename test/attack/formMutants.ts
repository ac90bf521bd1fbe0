import { mutantsOf, type Mutant } from './mutant.ts'

const head: Mutant[] = [
  ...mutantsOf('validationHead', 'policy/validation.ts', [
    {
      check: 'headers that must be there',
      find: "if (missing.length > 0) return missing.map((name) => at('/header', name, 'required'))",
    },
    {
      check: 'the schema of headers',
      find: "return parameterPart('/header', headers, facts.headers, tools)",
      replace: 'return none',
    },
    {
      check: 'parameters that nobody described',
      find: "if (unknown.length > 0) return unknown.map((name) => at('/query', name, 'unknown'))",
    },
    { check: 'parameters in brackets', find: ' || (meant !== null && names.has(meant))' },
    {
      check: 'the schema of queries',
      find: "return parameterPart('/query', parameters, values, tools)",
      replace: 'return none',
    },
    {
      check: 'the schema of path parameters',
      find: "by.path === null ? none : parameterPart('/path', by.path, tools.pathParams, tools)",
      replace: 'none',
    },
    {
      check: 'where redirects lead',
      find: 'leadsHome(given[0]!, allow, canonical) ? []',
      replace: 'true ? []',
      small: true,
    },
    { check: 'one redirect', find: "if (given.length > 1) return [at('/query', name, 'repeated')]" },
    {
      check: 'redirects in brackets',
      find: "if (meant !== null && names.includes(meant)) return [at('/query', name, 'unknown')]",
    },
  ]),
  ...mutantsOf('validationHead', 'policy/query.ts', [
    { check: 'how many parameters', find: 'if (pairs.length > maxParameters) return null' },
    { check: 'escapes that are none', find: '  } catch {\n    return null', replace: '  } catch {\n    return spaced' },
  ]),
  ...mutantsOf('validationHead', 'policy/redirects.ts', [
    { check: 'what a URL may be written with', find: 'if (!visible.test(value)) return false' },
    {
      check: 'a path of its own',
      find: "return !value.startsWith('//') && canonical(pathOf(value)) !== null",
      replace: 'return true',
    },
    { check: 'the form of a path of its own', find: ' && canonical(pathOf(value)) !== null' },
    { check: 'below the allowed path', find: 'isBelow(path, pathPrefix) && ' },
    { check: 'dots out of the allowed path', find: "canonical(pathOf(rest) || '/')", replace: "pathOf(rest) || '/'" },
    {
      check: 'whole elements of the allowed path',
      find: " && (path.length === whole.length || path[whole.length] === '/')",
    },
  ]),
  {
    check: 'the whole origin',
    attack: 'validationHead',
    edits: [
      { file: 'policy/redirects.ts', find: ' || !/^(?:$|[/?#])/.test(rest)', replace: '' },
      {
        file: 'policy/redirects.ts',
        find: "canonical(pathOf(rest) || '/')",
        replace: "pathOf(rest).replace(/^[^/]*/, '')",
      },
      { file: 'policy/redirects.ts', find: ' && originOf(value) === origin', replace: '' },
    ],
  },
]

const body: Mutant[] = [
  ...mutantsOf('validationBody', 'policy/validation.ts', [
    {
      check: 'the type of a body',
      find: "if (!(spec.contentTypes ?? ['application/json']).includes(type.type)) return false",
      small: true,
    },
    { check: 'the charset of JSON', find: ' || (isJsonType(type.type) && !isUtf8(type))' },
    { check: 'coded bodies', find: " && codings.every((coding) => coding.toLowerCase() === 'identity')" },
    {
      check: 'a body that must be there',
      find: '!bodiless.has(facts.method) ? missingBody : none',
      replace: 'false ? missingBody : none',
    },
    {
      check: 'bodies in chunks',
      find: "if (headers.has('transfer-encoding')) return { present: true, length: null }",
    },
  ]),
  ...mutantsOf('validationBody', 'policy/validation.ts', [
    { check: 'a schema that cannot be used', find: 'spec.broken || unusable.length > 0', replace: 'spec.broken' },
  ]),
  ...mutantsOf('validationBody', 'policy/mediaType.ts', [
    {
      check: 'one Content-Type',
      find: 'if (values?.length !== 1) return null',
      replace: 'if (values === undefined) return null',
    },
    { check: 'one charset', find: 'if (parameters.has(key)) return null' },
  ]),
  ...mutantsOf('validationBody', 'gateway/rulePlan.ts', [
    {
      check: 'the schema of bodies',
      find: 'body === null ? [] : [{ ...body, policy, level }]',
      replace: '[]',
      small: true,
    },
    { check: 'a broken validation', find: ' ||\n      policy.validation?.broken === true' },
  ]),
  ...mutantsOf('validationBody', 'gateway/validate.ts', [
    {
      check: 'a declared length',
      find: 'if (length !== undefined && Number',
      replace: 'if (length === null && Number',
    },
  ]),
  ...mutantsOf('validationBody', 'forward/incomingBody.ts', [
    {
      check: 'the length of what is held',
      find: 'if (this.#held + chunk.length > this.#permit.content.maxBodySize) {',
      replace: 'if (this.#held < 0) {',
    },
    {
      check: 'what all bodies of a namespace may take up',
      find: 'if (!this.#desk.budget.take(this.#namespace, chunk.length)) {',
      replace: 'if (this.#held < 0) {',
    },
    {
      check: 'what a worker says',
      find: "else if (verdict.length > 0) this.#done({ code: 'validation-failed', by, findings: verdict })",
    },
  ]),
  ...mutantsOf('validationBody', 'policy/bodyCheck.ts', [
    { check: 'bytes that are no text', find: 'fatal: true, ignoreBOM: true', replace: 'fatal: false, ignoreBOM: true' },
    { check: 'a byte order mark', find: 'fatal: true, ignoreBOM: true', replace: 'fatal: true' },
    { check: 'the depth', find: 'readJson(text, { maxDepth,', replace: 'readJson(text, { maxDepth: maxDepth + 1000,' },
  ]),
  ...mutantsOf('validationBody', '../language/json.ts', [
    { check: 'one member of a name', find: "if (members.has(name)) throw new Refused('duplicate-name')" },
  ]),
]

/** What of the form of a request is looked at once its caller is known. */
export const formMutants: readonly Mutant[] = [...head, ...body]
