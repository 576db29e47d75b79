# Both servers. They share nearly all they are made of, so there is one file system, and one target for each server that
# says only how it is started and watched:
#
#   docker build --target authorization-server --tag latchkey/authorization-server .
#   docker build --target resource-server --tag latchkey/sample-resource-server .
#
# docs/docker.md tells how to run them.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY libs/contracts/package.json libs/contracts/
COPY libs/platform/package.json libs/platform/
COPY libs/resource-server/package.json libs/resource-server/
COPY apps/authorization-server/package.json apps/authorization-server/
COPY apps/resource-server/package.json apps/resource-server/

# What runs in production. The SQLite driver is a native add-on: its install script downloads the prebuilt binary (this
# image has no compiler), or compiles it where a base image with a compiler is used. Only the binary is kept. One that
# was compiled on Node.js 24.19 or later aborts when its statements are collected (docs/docker.md); PostgreSQL does not
# load it.
FROM manifests AS dependencies
RUN npm ci --omit=dev --no-audit --no-fund \
  && cd node_modules/better-sqlite3 \
  && mv build/Release/better_sqlite3.node /tmp/ \
  && rm -rf build deps src \
  && mkdir -p build/Release \
  && mv /tmp/better_sqlite3.node build/Release/ \
  && cd /app/node_modules \
  && find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# The compiler needs no install scripts.
FROM manifests AS build
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.base.json tsconfig.json ./
COPY libs libs
COPY apps apps
COPY scripts/bundle.mjs scripts/
RUN npm run build:bundle \
  && find apps/*/dist libs/*/dist -type f \( -name '*.d.ts' -o -name '*.map' -o -name '*.tsbuildinfo' \) -delete \
  && mkdir /out \
  && cp -r --parents apps/*/dist libs/*/dist /out

# Root owns everything but the data folder, and the servers are not root: they can neither change themselves nor need
# to. They run on a read-only root file system; mount a volume on /app/data to keep SQLite databases.
FROM ${NODE_IMAGE} AS runtime
# Without its secrets a server stops and names them; development says so (NODE_ENV=development).
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=build /out ./
COPY apps/authorization-server/bin apps/authorization-server/bin
COPY docker/health.mjs docker/
# `docker exec NAME latchkey ...`
RUN ln -s /app/apps/authorization-server/bin/latchkey.js /usr/local/bin/latchkey
STOPSIGNAL SIGTERM
RUN mkdir --mode=700 data && chown node:node data
USER node

# One-shot jobs of the compose files. Its folders give the volumes that are mounted there an owner who may write.
FROM runtime AS setup
USER root
RUN for part in authorization-server resource-server database; do \
    mkdir -p --mode=700 "/secrets/$part" && chown node:node "/secrets/$part"; done
USER node
COPY docker ./docker

FROM runtime AS resource-server
ENV PORT=3001
EXPOSE 3001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "docker/health.mjs"]
# No npm and no shell in between: SIGTERM reaches the server, which finishes the requests in flight.
CMD ["node", "apps/resource-server/dist/main.js"]

# Last, so that it is what `docker build .` makes.
FROM runtime AS authorization-server
ENV PORT=3000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "docker/health.mjs"]
# One file starts in half the time. One thread that helps the garbage collector: on a single core the usual four keep the
# main thread from answering for up to 80 ms (docs/adr/0062). A smaller young generation saves some 20 MiB and costs nothing that can be measured. V8 lets
# the heap grow more gently the smaller its limit is: 1 GiB, far more than a server needs, takes a fifth less than none.
CMD ["node", "--v8-pool-size=1", "--max-semi-space-size=4", "--max-old-space-size=1024", "apps/authorization-server/dist/bundle/main.js"]
