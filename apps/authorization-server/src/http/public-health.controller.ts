import { HealthController } from '@latchkey/platform/health';
import { Public } from '@latchkey/resource-server';

/** Probes have no token. */
@Public()
export class PublicHealthController extends HealthController {}
