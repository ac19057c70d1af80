// Raising a message from an island. The server does it with the header HX-Trigger: toast.
export interface Toast {
  message: string;
  hint?: string;
  kind?: "done" | "error" | "info" | string;
  undo?: string | null;
}

export function toast(detail: Toast): void {
  document.dispatchEvent(new CustomEvent<Toast>("toast", { detail }));
}
