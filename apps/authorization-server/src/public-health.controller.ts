import { HealthController } from '@latchkey/platform';
import { Public } from '@latchkey/resource-server';

/** Probes have no token. */
@Public()
export class PublicHealthController extends HealthController {}
