// What the compiler cannot see: promises nobody waits for, and the one-way streets between the rooms (DESIGN §8).
import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import { defineConfig, globalIgnores } from 'eslint/config'
import globals from 'globals'
import ts from 'typescript-eslint'

/** Everything that leads into a room, by alias or by climbing out of one's own. */
const into = (rooms) => `^#(${rooms})/|(^|/)\\.\\./(${rooms})(/|$)`

/** @param {string} message why this street is closed */
const closed = (files, regex, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ regex, message }] }] },
})

export default defineConfig(
  globalIgnores([
    '**/node_modules/',
    'web/build/',
    '**/.svelte-kit/',
    '**/.svelte-check/',
    '**/dist/',
    '.wrangler/',
    '.data/',
  ]),
  js.configs.recommended,
  ts.configs.recommendedTypeChecked,
  svelte.configs.recommended,
  {
    // A rule that can be talked out of is no rule.
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] } },
    },
    rules: {
      eqeqeq: 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'no-console': ['error', { allow: ['error'] }], // a fault is said once, as one line of JSON
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression[callee.object.name=/^(it|test|describe)$/][callee.property.name=/^(only|skip|todo|fixme)$/]',
          message: 'A test that does not run promises nothing.',
        },
      ],
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-namespace': ['error', { allowDeclarations: true }], // how a library's types are added to
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/prefer-promise-reject-errors': 'off', // what IndexedDB gives is a DOMException
      '@typescript-eslint/require-await': 'off', // an interface may be asynchronous where one adapter is not
    },
  },
  {
    // Without type information: asking for it here makes the project be read again for every component, minutes in
    // all. What a template calls is typed by svelte-check.
    files: ['**/*.svelte', '**/*.svelte.ts'],
    extends: [ts.configs.disableTypeChecked],
    languageOptions: { globals: globals.browser, parserOptions: { parser: ts.parser, projectService: false } },
    rules: {
      'prefer-const': 'off', // $props() is destructured whole
      'svelte/prefer-const': ['error', { destructuring: 'all' }],
      'svelte/prefer-svelte-reactivity': 'off', // a cache is not a state
      'no-undef': 'off', // the compiler knows better
      'svelte/no-at-html-tags': 'error', // letters are plain text everywhere
      'svelte/no-navigation-without-resolve': 'off', // the product stands at the root of its address
    },
  },
  { files: ['**/*.{js,mjs}'], extends: [ts.configs.disableTypeChecked], languageOptions: { globals: globals.node } },
  // Playwright reads from a fixture's pattern which others it needs: none is `{}`.
  { files: ['test/browser/**'], rules: { 'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }] } },
  // Command lines talk to whoever runs them.
  {
    files: ['worker/security.ts'], // what is no fault, one line of JSON too
    rules: { 'no-console': ['error', { allow: ['log'] }] },
  },
  {
    files: ['test/**', 'worker/start/**', 'worker/record/{export,key,verify}.ts', 'web/vite.config.ts'],
    rules: { 'no-console': 'off' },
  },

  closed(['db/**'], into('web|worker|test'), 'db says what the data is and leans on no other room.'),
  closed(['worker/**'], into('web|test'), 'worker and web meet only in db.'),
  closed(
    ['web/**'],
    `${into('worker|test')}|(^#|(^|/)\\.\\./)db/(tables(/|$)|directory\\.|ledger\\.|record\\.)`,
    'A phone does without the server: no worker, no tables, no handles.',
  ),
)
