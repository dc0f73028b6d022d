// What happened, or is supposed to have happened, in words.

import { nameOf, optionOf } from '../crisis'

/** A step, in its round if it has several, and the option that it took. */
export function factSaid(position: string, option: string): string {
  const [step = '', round] = position.split('@')
  return `${nameOf('steps', step)}${round ? ` in round ${round}` : ''}: ${optionOf(step, option)}`
}
