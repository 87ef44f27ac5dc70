package console

// linkRoot is the part of the path below which the pages of links are.
const linkRoot = "l"
