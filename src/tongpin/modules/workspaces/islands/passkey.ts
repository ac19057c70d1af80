// <tp-passkey>: a form whose button asks the browser for a passkey and sends what it answers.
// data-make makes one, otherwise one is used. What to ask stands in its JSON script, or is fetched from data-options.
import { t } from "@ui/i18n";
import { define, embedded, Island } from "@ui/island";
import { toast } from "@ui/toast";

type Json = Record<string, unknown>;
interface Described extends Json { id: string }
interface Asked { publicKey: Json & { challenge: string; user?: Described; excludeCredentials?: Described[]; allowCredentials?: Described[] } }

const bytes = (text: string) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const described = (list: Described[] = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

/** A browser has none on a page without TLS, nor for a host that is a number. */
const isPossible = () => "PublicKeyCredential" in window && !/^[\d.]+$|:/.test(location.hostname);

const REASONS: Record<string, () => string> = {
  InvalidStateError: () => t("There is a passkey for you on this device already."),
  NotAllowedError: () => t("No passkey was given. Try again."),
  SecurityError: () => t("The browser allows no passkeys at this address."),
};

class Passkey extends Island {
  protected connect(): void {
    const possible = isPossible();
    for (const shown of this.querySelectorAll<HTMLElement>("[data-possible]")) shown.hidden = !possible;
    for (const shown of this.querySelectorAll<HTMLElement>("[data-impossible]")) shown.hidden = possible;
    this.listen<SubmitEvent>(this, "submit", (event) => {
      event.preventDefault();
      void this.#ask(event.target as HTMLFormElement);
    });
  }

  async #ask(form: HTMLFormElement): Promise<void> {
    const button = form.querySelector("button");
    button?.setAttribute("aria-busy", "true");
    try {
      const asked = await this.#asked();
      const given = this.hasAttribute("data-make") ? await this.#make(asked) : await this.#use(asked);
      (form.elements.namedItem("credential") as HTMLInputElement).value = JSON.stringify(given);
      form.submit();
    } catch (error) {
      button?.removeAttribute("aria-busy");
      const reason = REASONS[(error as Error).name] ?? (() => t("This did not work. Try again."));
      toast({ message: reason(), kind: "error" });
    }
  }

  async #asked(): Promise<Asked["publicKey"]> {
    const url = this.dataset.options;
    if (!url) return embedded<Asked>(this, "script", { publicKey: { challenge: "" } }).publicKey;
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return ((await answer.json()) as { request_options: Asked }).request_options.publicKey;
  }

  async #make(asked: Asked["publicKey"]): Promise<Json> {
    const made = (await navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user?.id ?? "") },
        excludeCredentials: described(asked.excludeCredentials),
      } as unknown as PublicKeyCredentialCreationOptions,
    })) as PublicKeyCredential;
    const { clientDataJSON, attestationObject } = made.response as AuthenticatorAttestationResponse;
    return plain(made, { clientDataJSON, attestationObject });
  }

  async #use(asked: Asked["publicKey"]): Promise<Json> {
    const used = (await navigator.credentials.get({
      publicKey: {
        ...asked, challenge: bytes(asked.challenge), allowCredentials: described(asked.allowCredentials),
      } as unknown as PublicKeyCredentialRequestOptions,
    })) as PublicKeyCredential;
    const { clientDataJSON, authenticatorData, signature, userHandle } = used.response as AuthenticatorAssertionResponse;
    return plain(used, { clientDataJSON, authenticatorData, signature, userHandle });
  }
}

/** A credential as JSON, its bytes in base64url. */
function plain(credential: PublicKeyCredential, response: Record<string, ArrayBuffer | null>): Json {
  const given = Object.entries(response).flatMap(([name, buffer]) => (buffer ? [[name, text(buffer)]] : []));
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response: Object.fromEntries(given) as Json,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

define("tp-passkey", Passkey);
