// What a visitor chose, kept for the next visit where the browser allows it.

export function recall(name) {
  try {
    return localStorage.getItem(`matinee-${name}`);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(`matinee-${name}`, value);
  } catch {
    // A visitor who allows no storage chooses again next time.
  }
}
