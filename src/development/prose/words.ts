/** Words that the project does not use, and their replacements. */

export interface UnusedWord {
  readonly pattern: RegExp
  readonly instead: string
}

export const unusedWords: ReadonlyArray<UnusedWord> = [
  {
    pattern: /\b(?:who|what|which|where|when)(?:so)?ever\b/gi,
    instead: 'name the person or thing: "the caller", "any value"'
  },
  { pattern: /\b(?:nobody|somebody|anybody)\b/gi, instead: 'name the person or program: "no caller", "another node"' },
  { pattern: /\bmeanwhile\b/gi, instead: '"at the same time", or name the period' },
  { pattern: /\b(?:come|comes|came) to be\b/gi, instead: '"becomes"' },
  {
    pattern: /\b(?:hence|thus|whence|therein|thereof|hereby|lest|upon)\b/gi,
    instead: '"so", "in it", "on" or a separate sentence'
  },
  { pattern: /\bof (?:its|their|his|her) own\b/gi, instead: '"separate", "unique" or "another"' },
  // "There is none" is an exception.
  { pattern: /(?<!\bthere )\b(?:is|are|was|were) none\b/gi, instead: '"does not exist", or "has no …"' },
  { pattern: /\bcarr(?:y|ies|ied|ying) out\b/gi, instead: '"perform" or "execute"' },
  { pattern: /\b(?:utilize|utilise|leverage)[sd]?\b/gi, instead: '"use"' },
  { pattern: /\b(?:cannot|can't) help\b/gi, instead: "the plain verb" }
]

/** The most words in a sentence. */
export const sentenceWordsMax = 25
