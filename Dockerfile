# The console is built with everything, the server runs with what it needs: it has no build step.
FROM node:26-slim AS console
WORKDIR /culvert
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY src ./src
RUN node src/console/build.js

FROM node:26-slim
ENV NODE_ENV=production \
    CULVERT_HOST=0.0.0.0 \
    CULVERT_DATA_DIR=/var/lib/culvert
WORKDIR /culvert
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force \
 && mkdir -p /var/lib/culvert && chown node:node /var/lib/culvert
COPY ingest ./ingest
COPY processors ./processors
COPY sinks ./sinks
COPY src ./src
COPY --from=console /culvert/dist/console ./dist/console

USER node
VOLUME /var/lib/culvert
# HTTP (drain, API, console) and syslog; with a certificate also HTTPS and syslog over TLS.
EXPOSE 8080 5514 8443 6514
# Alive, not ready: a restart does not heal a service behind us, and what is in the journal is safe meanwhile.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/health/live`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/cli.ts", "run"]
