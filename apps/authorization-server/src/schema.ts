import type { DatabaseSchema } from '@latchkey/platform/database';
import { RevocationEntity } from './changes/revocation.entity.js';
import { RecordedEvent } from './audit/audit-event.entity.js';
import { AuthorizationEntity } from './authorizations/authorization.entity.js';
import { ClientEntity, ClientSecretEntity } from './clients/client.entity.js';
import { DataKeyEntity } from './data-keys/data-key.entity.js';
import { PasswordLoginEntity } from './users/password-login.entity.js';
import { ScopeEntity } from './scopes/scope.entity.js';
import { UserEntity } from './users/user.entity.js';
import { ThrottleEntity } from './throttling/throttle.entity.js';
import { WaitingLoginEntity } from './waiting-logins/waiting-login.entity.js';
import { PasskeyChallengeEntity, PasskeyEntity } from './second-factors/passkey.entity.js';
import { EmailCodeEntity } from './second-factors/email-code.entity.js';
import { RecoveryCodeEntity, SecondFactorEntity } from './second-factors/second-factor.entity.js';
import { Initial1764000000000 } from './database/migrations/1764000000000-initial.js';
import { Throttles1764100000000 } from './database/migrations/1764100000000-throttles.js';
import { DeletionsByFile1764500000000 } from './database/migrations/1764500000000-deletions-by-file.js';
import { PasswordHashCosts1764610000000 } from './database/migrations/1764610000000-password-hash-costs.js';
import { PasswordLogins1764620000000 } from './database/migrations/1764620000000-password-logins.js';
import { ClientAdministration1764710000000 } from './database/migrations/1764710000000-client-administration.js';
import { UserAdministration1764720000000 } from './database/migrations/1764720000000-user-administration.js';
import { Revocations1764730000000 } from './database/migrations/1764730000000-revocations.js';
import { AuditEventFilters1764800000000 } from './database/migrations/1764800000000-audit-event-filters.js';
import { ThrottleReservations1765100000000 } from './database/migrations/1765100000000-throttle-reservations.js';
import { SigningAlgorithm1765400000000 } from './database/migrations/1765400000000-signing-algorithm.js';
import { ClientsOfRevocations1765410000000 } from './database/migrations/1765410000000-clients-of-revocations.js';
import { BoundedReads1765530000000 } from './database/migrations/1765530000000-bounded-reads.js';
import { UsesOfScopes1765531000000 } from './database/migrations/1765531000000-uses-of-scopes.js';
import { RefreshRetries1765550000000 } from './database/migrations/1765550000000-refresh-retries.js';
import { DatabaseIdentity1765600000000 } from './database/migrations/1765600000000-database-identity.js';
import { SecondFactors1765700000000 } from './database/migrations/1765700000000-second-factors.js';
import { SpentSteps1765720000000 } from './database/migrations/1765720000000-spent-steps.js';
import { Groups1765900000000 } from './database/migrations/1765900000000-groups.js';
import { Passkeys1765910000000 } from './database/migrations/1765910000000-passkeys.js';
import { EmailCodes1765920000000 } from './database/migrations/1765920000000-email-codes.js';
import { RecoveryCodesOfEnrolments1765930000000 } from './database/migrations/1765930000000-recovery-codes-of-enrolments.js';
import { AcrOfLogins1765940000000 } from './database/migrations/1765940000000-acr-of-logins.js';
import { SettingEntity } from './database/settings.js';
import { GroupEntity } from './groups/group.entity.js';
import { DeletedNameEntity } from './users/deleted-name.entity.js';

export const authorizationServerSchema: DatabaseSchema = {
  migrationsTable: 'authorization_server_migrations',
  entities: [
    RecordedEvent,
    AuthorizationEntity,
    ClientEntity,
    ClientSecretEntity,
    DataKeyEntity,
    DeletedNameEntity,
    EmailCodeEntity,
    GroupEntity,
    WaitingLoginEntity,
    PasskeyChallengeEntity,
    PasskeyEntity,
    PasswordLoginEntity,
    RecoveryCodeEntity,
    RevocationEntity,
    ScopeEntity,
    SecondFactorEntity,
    SettingEntity,
    ThrottleEntity,
    UserEntity,
  ],
  migrations: [
    Initial1764000000000,
    Throttles1764100000000,
    DeletionsByFile1764500000000,
    PasswordHashCosts1764610000000,
    PasswordLogins1764620000000,
    ClientAdministration1764710000000,
    UserAdministration1764720000000,
    Revocations1764730000000,
    AuditEventFilters1764800000000,
    ThrottleReservations1765100000000,
    SigningAlgorithm1765400000000,
    ClientsOfRevocations1765410000000,
    BoundedReads1765530000000,
    UsesOfScopes1765531000000,
    RefreshRetries1765550000000,
    DatabaseIdentity1765600000000,
    SecondFactors1765700000000,
    SpentSteps1765720000000,
    Groups1765900000000,
    Passkeys1765910000000,
    EmailCodes1765920000000,
    RecoveryCodesOfEnrolments1765930000000,
    AcrOfLogins1765940000000,
  ],
};
