// What may differ from others' composition, each with its reason.

// allowedFact returns why a fact may differ, or undefined.
export function allowedFact(oracle, pass, what, ours, theirs) {
  return undefined;
}

// allowedCodes returns why the codes for a broken input may differ, or undefined.
export function allowedCodes(oracle, name, ours, theirs) {
  return undefined;
}
