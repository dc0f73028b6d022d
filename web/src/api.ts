// Every call to the server: JSON in, JSON out, the token of the link on each.

import { tr } from './texts'

const KEY = 'offramp-token'

/** An error response of the server, with its message. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly body: Record<string, unknown>,
  ) {
    super(message)
  }
}

/** Takes the token from the link, once, and keeps it for this tab; the address bar does not show it any longer. */
export function enter(): boolean {
  const hash = new URLSearchParams(location.hash.slice(1))
  const token = hash.get('token')
  if (token) {
    sessionStorage.setItem(KEY, token)
    hash.delete('token')
    const rest = hash.toString()
    history.replaceState(null, '', location.pathname + (rest ? '#' + rest : ''))
  }
  return sessionStorage.getItem(KEY) !== null
}

export function token(): string | null {
  return sessionStorage.getItem(KEY)
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token)
}

async function answer(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ''}` }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Refused(0, tr('The server does not answer. Is `offramp app` still running? What you wrote is still here.'), {})
  }
  if (!response.ok) {
    const said = (await response.json().catch(() => ({}))) as Record<string, unknown>
    throw new Refused(response.status, String(said['error'] ?? tr('The server answered {status}.', { status: response.status })), said)
  }
  return response
}

export async function get<T>(path: string, query: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
  const asked = new URLSearchParams(query).toString()
  return (await answer('GET', asked ? `${path}?${asked}` : path, undefined, signal)).json() as Promise<T>
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return (await answer('POST', path, body, signal)).json() as Promise<T>
}

export async function put<T>(path: string, body: unknown): Promise<T> {
  return (await answer('PUT', path, body)).json() as Promise<T>
}

/** A file to download: a zip of tables and pictures, or the report. */
export async function fetched(path: string, body: unknown, signal?: AbortSignal): Promise<Blob> {
  return (await answer('POST', path, body, signal)).blob()
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
