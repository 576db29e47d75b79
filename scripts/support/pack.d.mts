/** Packs a built library as `npm publish` would, and gives the path of the tarball. */
export function packLibrary(name: string, folder: string): string;
