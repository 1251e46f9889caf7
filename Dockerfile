# One image with the one program, and beside it the example CMS and the example storefront. It has no shell and no package
# manager: `souk health URL` is what asks a container whether it is well.

FROM golang:1.26-bookworm AS build
WORKDIR /source
ENV GOCACHE=/cache
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/cache \
    mkdir -p /image/data /image/tmp /image/etc/ssl/certs \
    && CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /image/ . ./examples/cms ./examples/storefront \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
    && echo "souk:x:65532:65532::/data:/sbin/nologin" > /image/etc/passwd \
    && cp -r examples/cms/content /image/content \
    && chown 65532:65532 /image/data && chmod 0700 /image/data && chmod 1777 /image/tmp

FROM scratch
COPY --from=build /image/ /
USER 65532:65532
WORKDIR /data
ENV SOUK_LOG_FORMAT=json \
    SOUK_STATE_DIR=/data \
    SOUK_LISTEN=0.0.0.0:4000 \
    SOUK_PRODUCT_LISTEN=0.0.0.0:4001 \
    SOUK_CART_LISTEN=0.0.0.0:4002 \
    SOUK_CHECKOUT_LISTEN=0.0.0.0:4003 \
    SOUK_CUSTOMER_LISTEN=0.0.0.0:4004 \
    SOUK_FAKEPAY_LISTEN=0.0.0.0:4006 \
    SOUK_ADMIN_LISTEN=0.0.0.0:9464
EXPOSE 4000 4001 4002 4003 4004 4006 9464
ENTRYPOINT ["/souk"]
