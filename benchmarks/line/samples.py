"""
The nginx of the public samples, as a person sets it up who follows them: one `proxy_pass` for each service.

The values are those of the image `orthancteam/orthanc-nginx` 26.4 with TLS (buffers of `nginx-common.conf`, HTTP/1.1, no
compression), and of `orthancteam/ohif-v3` 26.4 (compressed files, no rules for caches).
"""

from __future__ import annotations

PORT = 8443

_SERVICE = """
        location {path} {{
            proxy_pass http://{service};
            proxy_set_header Host $http_host;
            proxy_set_header Forwarded "for=$proxy_add_x_forwarded_for;proto=$scheme;host=$host";
            proxy_request_buffering off;
            proxy_max_temp_file_size 0;
            client_max_body_size 0;
        }}
"""

EDGE = f"""
worker_processes auto;
pid /tmp/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    default_type application/octet-stream;
    access_log /dev/stdout;
    sendfile on;
    keepalive_timeout 65;
    server {{
        listen {PORT} ssl;
        ssl_certificate /run/secrets/tls_certificate;
        ssl_certificate_key /run/secrets/tls_key;
        proxy_read_timeout 300s;
        proxy_buffer_size 32k;
        proxy_buffers 64 8k;
        proxy_busy_buffers_size 48k;
        large_client_header_buffers 8 16k;
        {_SERVICE.format(path="/orthanc/", service="orthanc:8042/")}
        {_SERVICE.format(path="/ohif/", service="samples-ohif:80")}
    }}
}}
"""

OHIF = """
worker_processes auto;
pid /tmp/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    access_log off;
    server {
        listen ADDRESS:80;
        gzip_static always;
        gzip_proxied expired no-cache no-store private auth;
        gunzip on;
        location / {
            root /usr/share/nginx/html/;
            try_files $uri $uri/ /ohif/index.html;
            add_header Cross-Origin-Opener-Policy same-origin;
            add_header Cross-Origin-Embedder-Policy require-corp;
            add_header Cross-Origin-Resource-Policy same-origin;
        }
        location = /ohif/app-config.js {
            root /usr/share/nginx/html/;
            gzip_static off;
        }
    }
}
"""

OHIF_SETTINGS = """
window.config = {
  routerBasename: '/ohif',
  extensions: [],
  modes: [],
  showStudyList: false,
  maxNumberOfWebWorkers: 3,
  omitQuotationForMultipartRequest: true,
  strictZSpacingForVolumeViewport: true,
  investigationalUseDialog: { option: 'never' },
  maxNumRequests: { interaction: 100, thumbnail: 75, prefetch: 25 },
  defaultDataSourceName: 'dicomweb',
  dataSources: [{
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
    sourceName: 'dicomweb',
    configuration: {
      name: 'orthanc',
      wadoUriRoot: '/orthanc/dicom-web',
      qidoRoot: '/orthanc/dicom-web',
      wadoRoot: '/orthanc/dicom-web',
      imageRendering: 'wadors',
      thumbnailRendering: 'wadors',
      enableStudyLazyLoad: true,
      supportsWildcard: true,
      staticWado: true,
      singlepart: 'bulkdata',
      acceptHeader: ['multipart/related; type=application/octet-stream; transfer-syntax=*'],
      bulkDataURI: { enabled: true },
    },
  }],
};
"""
