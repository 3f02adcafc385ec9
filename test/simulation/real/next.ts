// The server of the next version: the bundler gives this file another one than it names (province.ts).
export * as nextServer from '#worker/sync/index.ts'
