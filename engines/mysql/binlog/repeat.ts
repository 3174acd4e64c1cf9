/** Something that must be waited for before the log goes on; null when nothing must. */
export type Wait = Promise<void> | null;

/** What a step answers: there is another one, there is none, or wait before it. */
export type Step = boolean | Promise<void>;

/** Takes step after step, at once as long as none asks to wait, so that no promise is made for each row. */
export function repeat(step: () => Step): Wait {
  for (;;) {
    const answer = step();
    if (answer === false) return null;
    if (answer !== true) return goOn(answer, step);
  }
}

async function goOn(first: Promise<void>, step: () => Step): Promise<void> {
  for (let answer: Step = first; answer !== false; answer = step()) {
    if (answer !== true) await answer;
  }
}
