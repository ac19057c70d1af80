// <tp-zone>: tells the server the browser's time zone with the form it stands in, so that nobody has to choose it.
import { define, Island } from "@ui/island";

class Zone extends Island {
  protected connect(): void {
    const input = this.find<HTMLInputElement>("input[data-time-zone]");
    if (input && !input.value) input.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}

define("tp-zone", Zone);
