/** What the image of the authorization server gives to `node`: options, and the script. */
export function imageCommand(): string[];
