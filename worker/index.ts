// The server as it is deployed: the API, and one durable object per house. Everything else is a static file.
import { env } from 'cloudflare:workers'
import { app } from './app.ts'
import { registry } from './outside/licences.ts'
import { gateway } from './outside/sms.ts'

export { Desk } from './rooms/Desk.ts'

export default app({ sms: gateway(env), registry: registry(env) })
