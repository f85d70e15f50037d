/** How datagrams are moved: by system calls of our own, by Node's sockets, or by whichever of the two works best here. */
export const ioChoices = ['auto', 'epoll', 'dgram'] as const;
export type IoChoice = (typeof ioChoices)[number];
