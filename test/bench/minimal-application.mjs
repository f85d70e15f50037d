// The least that connects two parties through drachtio-server: an invitation from outside becomes one to TARGET, with its description unchanged,
// and who hangs up ends the other side. It is what a gateway's work is compared with; it moves no packet and writes nothing.
import Srf from 'drachtio-srf';

const { DRACHTIO_PORT, DRACHTIO_SECRET, TARGET } = process.env;
const srf = new Srf();
void srf.connect({ host: '127.0.0.1', port: Number(DRACHTIO_PORT), secret: DRACHTIO_SECRET });
srf.on('connect', (error) => {
  if (error) throw error;
  process.stdout.write('ready\n');
});
srf.invite((request, response) => {
  srf.createB2BUA(request, response, TARGET).then(
    ({ uas, uac }) => {
      uas.on('destroy', () => uac.destroy());
      uac.on('destroy', () => uas.destroy());
    },
    () => {},
  );
});
